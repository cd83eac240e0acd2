/** Where the flow's page shows dead letters: the summary links there. */
export const DEAD_LETTERS_ID = 'dead-letters'
