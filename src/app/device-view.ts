/** A device as JSON, the same in answers of the API and in those of commands: whether there is a comm key, never which. */
export { deviceJson } from '../http/views.ts'
