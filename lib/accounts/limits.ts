/** Shown at the form, too: apart from the schema, so that browsers need not fetch zod. */
export const MIN_PASSWORD_CHARACTERS = 10
