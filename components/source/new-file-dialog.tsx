'use client'

import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { TextField } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { pathProblem } from '@/lib/algorithms/source/paths'

type Props = {
  folder: string
  isTaken: (path: string) => boolean
  onCreate: (path: string) => void
  onClose: () => void
}

/** Names a new file, inside the folder that is shown. */
export function NewFileDialog({ folder, isTaken, onCreate, onClose }: Props) {
  const [error, setError] = useState<string>()

  function create(name: string) {
    const path = folder ? `${folder}/${name}` : name
    const problem = pathProblem(path) ?? (isTaken(path) ? 'There is a file of this name already.' : null)
    if (problem) return setError(problem)
    onCreate(path)
    onClose()
  }

  return (
    <Dialog isOpen onOpenChange={onClose} title="New file" className="max-w-md">
      <form
        onSubmit={(event) => create((formValues(event).path ?? '').trim())}
        noValidate
        className="flex flex-col gap-5"
      >
        <TextField
          name="path"
          label="File name"
          autoComplete="off"
          spellCheck={false}
          placeholder="helpers.py"
          help={`Goes into ${folder ? `${folder}/` : 'the root folder'}. A slash makes a folder.`}
          error={error}
        />
        <div className="flex justify-end gap-3">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary">
            Create File
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
