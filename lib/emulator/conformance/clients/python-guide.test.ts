import { expectPythonClient } from './python-client'

/** The version that the guide's algorithm has. It has no words for a certificate that it refuses: its time runs out. */
expectPythonClient({
  requirement: 'azure-servicebus==7.3.1',
  client: 'python-guide',
  transport: 'tls',
  refusal: /Authorization timeout/,
})
