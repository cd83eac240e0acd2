'use client'

import { useState } from 'react'
import { Section } from '@/components/ui/card'
import { ChoiceCards } from '@/components/ui/choice-cards'
import { CodeBlock } from '@/components/ui/code-block'
import { TextLink } from '@/components/ui/text-link'
import { type CallSample, callSamples } from './call-samples'

type Props = { endpoint: string; sampleInput: string; apiUrl: string }

/** How to call this version from a program: with curl or an official client. */
export function InstallAndUse(props: Props) {
  const samples = callSamples(props)
  const [language, setLanguage] = useState<CallSample['language']>('curl')
  const sample = samples.find((one) => one.language === language)
  return (
    <Section
      title="Install and use"
      description={
        <>
          Call it over HTTP with an{' '}
          <TextLink href="/account/api-keys" className="underline">
            API key
          </TextLink>{' '}
          in place of <code className="font-mono text-[0.875em]">YOUR_API_KEY</code>.
        </>
      }
    >
      <ChoiceCards
        name="language"
        legend="Language"
        isSmallLegend
        value={language}
        onChange={(value) => setLanguage(value as CallSample['language'])}
        choices={samples.map(({ language: value, label }) => ({ value, label }))}
      />
      {sample?.install && <CodeBlock text={sample.install} label={`${sample.label} installation`} />}
      {sample && <CodeBlock text={sample.code} label={`${sample.label} sample`} />}
    </Section>
  )
}
