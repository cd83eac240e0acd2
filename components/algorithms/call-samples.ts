export type CallSample = { language: 'curl' | 'python' | 'node'; label: string; install?: string; code: string }

type Call = { endpoint: string; sampleInput: string; apiUrl: string }

/** Programs that call an endpoint, ready to paste. */
export function callSamples({ endpoint, sampleInput, apiUrl }: Call): CallSample[] {
  const input = sampleInput.trim() || '"Jane"'
  const curl = `curl -X POST -d ${shellQuote(input)} \\
  -H 'Content-Type: application/json' \\
  -H 'Authorization: Simple YOUR_API_KEY' \\
  ${apiUrl}/v1/algo/${endpoint}`
  const python = `import json
import Algorithmia

client = Algorithmia.client("YOUR_API_KEY", "${apiUrl}")
algorithm = client.algo("${endpoint}")
print(algorithm.pipe(json.loads(${JSON.stringify(input)})).result)`
  const node = `const algorithmia = require('algorithmia')

const client = algorithmia.client('YOUR_API_KEY', '${apiUrl}')
client.algo('${endpoint}').pipeJson(${JSON.stringify(input)}).then((response) => console.log(response.get()))`
  return [
    { language: 'curl', label: 'cURL', code: curl },
    { language: 'python', label: 'Python', install: 'pip install algorithmia', code: python },
    { language: 'node', label: 'Node.js', install: 'npm install algorithmia@0.3.10', code: node },
  ]
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
