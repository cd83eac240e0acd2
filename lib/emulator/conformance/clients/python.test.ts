import { expectPythonClient } from './python-client'

expectPythonClient({
  requirement: 'azure-servicebus==7.15.0',
  client: 'python',
  transport: 'plain',
  refusal: /certificate verify failed/i,
})
