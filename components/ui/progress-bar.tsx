type ProgressBarProps = { label: string; value: number; max: number }

/** How much of `max` is done. Words for those who see no bar are in `label`. */
export function ProgressBar({ label, value, max }: ProgressBarProps) {
  return (
    <progress
      aria-label={label}
      max={Math.max(1, max)}
      value={Math.max(0, Math.min(value, max))}
      // Each engine has its own names for the parts of a bar.
      className="h-2 w-full appearance-none overflow-hidden rounded-sm bg-side-active [&::-moz-progress-bar]:bg-primary [&::-webkit-progress-bar]:bg-side-active [&::-webkit-progress-value]:bg-primary"
    />
  )
}
