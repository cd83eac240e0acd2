"""The algorithm development kit that comes with Headrace: `from adk import ADK`, `from Algorithmia import ADK`."""

from adk.kit import ADK

__all__ = ["ADK"]
