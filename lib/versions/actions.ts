'use server'

import { action } from '@/lib/web/action'
import { publishVersion } from './commands/publish-version'
import { getPublicationDraft } from './queries'
import { PublicationDraftOf, PublishVersion } from './schema'

export const publishVersionAction = action(PublishVersion, publishVersion)
/** Read when the publish dialog opens, which may be long after the page was drawn. */
export const getPublicationDraftAction = action(PublicationDraftOf, getPublicationDraft)
