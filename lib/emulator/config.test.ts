import { describe, expect, it } from 'vitest'
import { ConfigError, parseConfig } from './config'

/** All that Microsoft's emulator has in its own example: empty texts for what is not wanted, topics with their parts. */
const EXAMPLE = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'sbemulatorns',
        Queues: [
          {
            Name: 'queue.1',
            Properties: {
              DeadLetteringOnMessageExpiration: true,
              DefaultMessageTimeToLive: 'PT1H',
              DuplicateDetectionHistoryTimeWindow: 'PT20S',
              ForwardDeadLetteredMessagesTo: '',
              ForwardTo: '',
              LockDuration: 'PT1M',
              MaxDeliveryCount: 3,
              RequiresDuplicateDetection: true,
              RequiresSession: false,
            },
          },
        ],
        Topics: [
          {
            Name: 'topic.1',
            Properties: { DefaultMessageTimeToLive: 'PT1H', RequiresDuplicateDetection: false },
            Subscriptions: [
              {
                Name: 'subscription.1',
                Properties: { LockDuration: 'PT1M', MaxDeliveryCount: 3, ForwardTo: '' },
                Rules: [
                  {
                    Name: 'rule-1',
                    Properties: { FilterType: 'Correlation', CorrelationFilter: { ContentType: 'application/json' } },
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
    Logging: { Type: 'File' },
  },
}

describe('Config.json of Microsoft’s emulator', () => {
  it('gives the namespace, its queues with all their properties, and the names of topics', () => {
    expect(parseConfig(JSON.stringify(EXAMPLE))).toEqual({
      namespaceName: 'sbemulatorns',
      queues: [
        {
          name: 'queue.1',
          properties: {
            deadLetteringOnExpiration: true,
            defaultTimeToLiveMs: 3_600_000,
            duplicateDetectionWindowMs: 20_000,
            lockDurationMs: 60_000,
            maxDeliveryCount: 3,
            requiresDuplicateDetection: true,
            requiresSession: false,
          },
        },
      ],
      topics: ['topic.1'],
      ignored: [],
    })
  })

  it('may start with the mark that editors on Windows write', () => {
    expect(parseConfig(`\uFEFF${JSON.stringify(EXAMPLE)}`).namespaceName).toBe('sbemulatorns')
  })

  it('has defaults for what it leaves out', () => {
    expect(parseConfig('{"UserConfig":{"Namespaces":[{"Name":"n","Queues":[{"Name":"q"}]}]}}')).toEqual({
      namespaceName: 'n',
      queues: [{ name: 'q', properties: {} }],
      topics: [],
      ignored: [],
    })
  })

  it('names what it does not know, wherever it stands', () => {
    const queue = { Name: 'q', LockDuration: 'PT1M', properties: { MaxDeliveryCount: 3 }, Properties: { Lock: 1 } }
    const namespace = { Name: 'n', Queues: [queue], Queue: [{ Name: 'left-out' }] }
    const text = JSON.stringify({ UserConfig: { Namespaces: [namespace], Topics: [], Logging: {} }, Version: 1 })
    expect(parseConfig(text)).toMatchObject({
      queues: [{ name: 'q', properties: {} }],
      ignored: [
        'the configuration: Version',
        'UserConfig: Topics',
        'UserConfig.Namespaces[0]: Queue',
        'q: LockDuration',
        'q: properties',
        'q: Lock',
      ],
    })
  })

  it.each([
    ['{', /not JSON/],
    ['null', /exactly one namespace/],
    ['{"UserConfig":{}}', /exactly one namespace/],
    ['{"UserConfig":{"Namespaces":[{},{}]}}', /exactly one namespace/],
    [withQueues('"q"'), /Queues must be a list/],
    [withQueues('["q"]'), /Queues must be a list/],
    [withQueues('[{}]'), /Queues\[0\] has no Name/],
    [withQueues('[{"Name":"a b"}]'), /Queues\[0\]: 'a b' can not be the name of a queue/],
    [withQueues('[{"Name":"q"},{"Name":"Q"}]'), /The queue Q is there twice/],
    [withQueues('[{"Name":"q","Properties":"x"}]'), /q: Properties must be an object/],
    [withQueues('[{"Name":"q","Properties":{"LockDuration":"5m"}}]'), /q: LockDuration has the value "5m"/],
    [withQueues('[{"Name":"q","Properties":{"LockDuration":"PT6M"}}]'), /q: LockDuration must be/],
    [withQueues('[{"Name":"q","Properties":{"MaxDeliveryCount":0}}]'), /q: MaxDeliveryCount must be/],
    [withQueues('[{"Name":"q","Properties":{"RequiresSession":"yes"}}]'), /q: RequiresSession has the value "yes"/],
  ])('is refused with the place of its mistake: %s', (text, message) => {
    expect(() => parseConfig(text)).toThrow(ConfigError)
    expect(() => parseConfig(text)).toThrow(message)
  })
})

function withQueues(queues: string): string {
  return `{"UserConfig":{"Namespaces":[{"Queues":${queues}}]}}`
}
