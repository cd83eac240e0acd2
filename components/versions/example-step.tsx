'use client'

import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useState, useTransition } from 'react'
import { runAlgorithm } from '@/components/algorithms/run-algorithm'
import { Button } from '@/components/ui/button'
import { CodeBlock } from '@/components/ui/code-block'
import { FormError, TextareaField } from '@/components/ui/field'
import { isJson, NOT_JSON } from '@/lib/algorithms/json-text'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { formatCount } from '@/lib/format'
import { MAX_SAMPLE_CHARS } from '@/lib/versions/schema'
import type { StepProps } from './publication'

type Props = StepProps & { path: AlgorithmPath; onBack: () => void; onContinue: () => void }

/** Step 2: an input to try the version with, and what it answers. */
export function ExampleStep({ path, draft, publication, onChange, onBack, onContinue }: Props) {
  const [inputError, setInputError] = useState<string>()
  const [runError, setRunError] = useState<string>()
  const [isRunning, startRun] = useTransition()
  const { sampleInput, sampleOutput } = publication

  function checkInput(): boolean {
    const isFine = sampleInput.trim() === '' || isJson(sampleInput)
    setInputError(isFine ? undefined : NOT_JSON)
    return isFine
  }

  function run() {
    setRunError(undefined)
    if (!checkInput()) return
    startRun(async () => {
      try {
        const answer = await runAlgorithm({ ...path, version: draft.commitSha, input: sampleInput || 'null' })
        if (answer.ok && answer.output.length <= MAX_SAMPLE_CHARS) return onChange({ sampleOutput: answer.output })
        onChange({ sampleOutput: '' })
        setRunError(
          answer.ok
            ? `The output is too long to be an example (at most ${formatCount(MAX_SAMPLE_CHARS)} characters).`
            : `The algorithm ended with ${answer.errorType}: ${answer.message}`,
        )
      } catch (failure) {
        setRunError(failure instanceof Error ? failure.message : String(failure))
      }
    })
  }

  return (
    <>
      <section className="flex flex-col gap-4">
        <h3 className="font-bold text-xl">Example Input/Output</h3>
        <p className="text-ink-soft">
          JSON that shows how to call this version. It fills the example on the profile; leave it empty to have none.
        </p>
        <TextareaField
          name="sampleInput"
          label="Example input"
          spellCheck={false}
          value={sampleInput}
          onChange={(event) => onChange({ sampleInput: event.target.value, sampleOutput: '' })}
          error={inputError}
          className="[&_textarea]:font-mono [&_textarea]:text-[0.8125rem]"
        />
        <div>
          <Button onClick={run} isPending={isRunning} disabled={sampleInput.trim() === ''}>
            Run
          </Button>
        </div>
        <FormError message={runError} />
        {sampleOutput && <CodeBlock text={sampleOutput} label="example output" />}
      </section>
      <StepFooter onBack={onBack} onContinue={() => checkInput() && onContinue()} />
    </>
  )
}

function StepFooter({ onBack, onContinue }: { onBack: () => void; onContinue: () => void }) {
  return (
    <div className="flex justify-between border-t pt-6">
      <Button onClick={onBack}>
        <ChevronLeft aria-hidden className="size-4" />
        Previous Step
      </Button>
      <Button variant="primary" onClick={onContinue}>
        Continue
        <ChevronRight aria-hidden className="size-4" />
      </Button>
    </div>
  )
}
