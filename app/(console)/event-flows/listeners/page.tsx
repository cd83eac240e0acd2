import { redirect } from 'next/navigation'

/** The older name of the same list. */
export default function ListenersPage() {
  redirect('/event-flows')
}
