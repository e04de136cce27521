/** The page of that name. */
export const queue = {}
