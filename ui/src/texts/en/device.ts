/** The page of that name. */
export const device = {}
