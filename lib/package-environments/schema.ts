/** Installed packages that no version needs are removed when nothing has used them for so long. */
export const UNUSED_ENVIRONMENT_DAYS = 30
export const LISTED_ENVIRONMENTS = 100
