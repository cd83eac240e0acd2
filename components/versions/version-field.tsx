import { SelectField } from '@/components/ui/field'

/** Which version is to run: blank for the one that the event flow runs. */
export function VersionField({ versions }: { versions: string[] }) {
  return (
    <SelectField name="version" label="Version">
      <option value="">The one that the event flow runs now</option>
      {versions.map((version) => (
        <option key={version} value={version}>
          {version}
        </option>
      ))}
    </SelectField>
  )
}
