/** The names of the demo data; the collection's is in the algorithm's source too. */
export const DEMO = { algorithm: 'store_message', collection: 'messages', queue: 'demo-queue' } as const

/** The subscriber of the guide to event flows: each message becomes a file. */
export function subscriberSource(owner: string): string {
  return `import Algorithmia
from Algorithmia import ADK


# Each message on the queue runs apply(). Input format:
# {"filename": "some-new-file.txt", "data": "file contents to store"}
def apply(input):
    print("storing " + input.get("filename"))
    Algorithmia.client().file("data://${owner}/${DEMO.collection}/" + input.get("filename")).put(input.get("data"))
    return "stored " + input.get("filename")


algorithm = ADK(apply)
algorithm.init("Algorithmia")
`
}

export const SAMPLE_INPUT = '{"filename": "some-new-file.txt", "data": "file contents to store"}'

/** Three that are stored, and one without a file name: it fails, is tried again and ends in the dead-letter queue. */
export const DEMO_MESSAGES = [
  { filename: 'hello.txt', data: 'Every message on demo-queue runs admin/store_message.' },
  { filename: 'orders-2021-08-05.csv', data: 'order,amount\n1001,19.90\n1002,5.00\n1003,42.00\n' },
  { filename: 'reading.json', data: '{"sensor":"intake-3","celsius":11.4}' },
  { data: 'a message without a file name' },
]
