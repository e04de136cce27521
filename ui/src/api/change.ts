import { useMutation, useQueryClient } from '@tanstack/react-query'

/** A change through the API. What is kept under the keys of `renews` is read anew afterwards; they are first words, as in resources.ts. */
export function useChange<Answer, Input = void>({
  send,
  renews,
  onDone,
}: {
  send: (input: Input) => Promise<Answer>
  renews: readonly string[]
  onDone?: (answer: Answer, input: Input) => void
}) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: send,
    onSuccess: (answer: Answer, input: Input) => {
      for (const key of renews) void queries.invalidateQueries({ queryKey: [key] })
      onDone?.(answer, input)
    },
  })
}
