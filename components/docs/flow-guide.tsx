import type { ReactNode } from 'react'
import { Section } from '@/components/ui/card'
import { Code, CodeBlock } from '@/components/ui/code-block'
import { TextLink } from '@/components/ui/text-link'

const subscriberOf = (owner: string) => `import Algorithmia
from Algorithmia import ADK

def apply(input):
    Algorithmia.client().file("data://${owner}/TestingSBEventFlow/" + input.get("filename")).put(input.get("data"))

algorithm = ADK(apply)
algorithm.init("Algorithmia")
`

/** What a newcomer does once, in order. */
export function FlowGuide({ owner }: { owner: string }) {
  return (
    <Section
      title="Run code for every message of a queue"
      description="An event flow connects one Azure Service Bus queue to one algorithm. Every message that is published to the queue runs it."
    >
      <ol className="flex list-decimal flex-col gap-6 pl-5 marker:font-bold">
        <Step title="Make a place for the results">
          Under{' '}
          <TextLink className="underline" href="/data">
            Data Sources
          </TextLink>
          , choose New Data Source, Hosted Data Collection, and name the collection <Code>TestingSBEventFlow</Code>.
        </Step>
        <Step title="Write an algorithm">
          <TextLink className="underline" href="/algorithms/new">
            Create an algorithm
          </TextLink>{' '}
          in Python 3.x. In the Web IDE, put this into its main file, save and build it, and try it in the console with{' '}
          <Code>{'{"filename": "a.txt", "data": "hello"}'}</Code>.
          <CodeBlock text={subscriberOf(owner)} label="subscriber" className="mt-3" />
        </Step>
        <Step title="Publish it">
          Publish makes a version of the last build. A private version is enough: your own event flows may call it.
        </Step>
        <Step title="Connect the queue">
          On the algorithm’s Events tab, choose Connect broker. It takes the queue’s name and a connection string with
          the right Listen (and Send, for test messages). The connection is tested before it is saved.
        </Step>
        <Step title="Send a message">
          Use Send message on the row of the{' '}
          <TextLink className="underline" href="/event-flows">
            event flow
          </TextLink>
          , or any Azure Service Bus client. Its page shows the execution as it happens: input, result, duration, logs
          and delivery count.
        </Step>
        <Step title="When a message fails">
          A message whose run raises an error is delivered again. After the queue’s maximum delivery count, it is in the
          dead-letter queue with a reason; the event flow’s page shows each attempt with its stack trace.
        </Step>
      </ol>
    </Section>
  )
}

function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <li className="pl-2">
      <h3 className="font-bold">{title}</h3>
      <div>{children}</div>
    </li>
  )
}
