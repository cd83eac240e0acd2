/** Installed packages that no version needs are removed when nothing has used them for so long. */
export const UNUSED_ENVIRONMENT_DAYS = 30
/** What an import check failed after, or a crash left: no build names it. */
export const UNNAMED_ENVIRONMENT_HOURS = 24
export const LISTED_ENVIRONMENTS = 100
