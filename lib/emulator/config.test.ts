import { describe, expect, it } from 'vitest'
import { parseConfig } from './config'

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
})
