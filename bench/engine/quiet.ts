// Read when the logger is made, so it has to stand before everything else is imported.
process.env.HEADRACE_LOG_LEVEL ??= 'error'
