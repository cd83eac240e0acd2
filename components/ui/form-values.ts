import type { FormEvent } from 'react'

/**
 * The text fields of the form that was submitted, by name; the page is not left. Unlike a form `action` this does
 * not empty the fields afterwards, so that people can correct what they typed.
 */
export function formValues(event: FormEvent<HTMLFormElement>): Record<string, string> {
  event.preventDefault()
  const values: Record<string, string> = {}
  for (const [name, value] of new FormData(event.currentTarget)) {
    if (typeof value === 'string') values[name] = value
  }
  return values
}
