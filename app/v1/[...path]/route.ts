import { handlePublicRequest } from '@/lib/v1/public'
import { keepLength } from '@/lib/web/content-length'

const answer = async (request: Request) => keepLength(await handlePublicRequest(request))

export { answer as DELETE, answer as GET, answer as HEAD, answer as PATCH, answer as POST, answer as PUT }
