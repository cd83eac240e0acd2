import { Section } from '@/components/ui/card'
import { Code, CodeBlock } from '@/components/ui/code-block'
import { TextLink } from '@/components/ui/text-link'

const callOf = (baseUrl: string, owner: string) => `curl -X POST ${baseUrl}/v1/algo/${owner}/NAME/VERSION \\
  -H 'Authorization: Simple YOUR_API_KEY' \\
  -H 'Content-Type: application/json' \\
  -d '{"filename": "a.txt", "data": "hello"}'
`

const putOf = (baseUrl: string, owner: string) => `curl -X PUT ${baseUrl}/v1/connector/data/${owner}/COLLECTION/a.txt \\
  -H 'Authorization: Simple YOUR_API_KEY' \\
  --data-binary @a.txt
`

const pythonOf = (baseUrl: string, owner: string) => `import Algorithmia

client = Algorithmia.client("YOUR_API_KEY", "${baseUrl}")
print(client.algo("${owner}/NAME/VERSION").pipe({"filename": "a.txt", "data": "hello"}).result)
`

/** The HTTP API by example. */
export function ApiGuide({ owner, baseUrl }: { owner: string; baseUrl: string }) {
  return (
    <Section
      title="Call algorithms and store data over HTTP"
      description={
        <>
          Every request has an{' '}
          <TextLink className="underline" href="/account/api-keys">
            API key
          </TextLink>{' '}
          in its <Code>Authorization</Code> header. The official Algorithmia clients work unchanged: give them{' '}
          <Code>{baseUrl}</Code> as the API’s address, or set <Code>ALGORITHMIA_API</Code> to it.
        </>
      }
    >
      <h3 className="font-bold">Call an algorithm</h3>
      <p>Without the version, the newest public one runs.</p>
      <CodeBlock text={callOf(baseUrl, owner)} label="call with curl" />
      <CodeBlock text={pythonOf(baseUrl, owner)} label="call with Python" />
      <h3 className="mt-4 font-bold">Store and read files</h3>
      <p>PUT stores, GET reads, HEAD looks, DELETE removes; a GET of the collection itself lists its files.</p>
      <CodeBlock text={putOf(baseUrl, owner)} label="upload with curl" />
    </Section>
  )
}
