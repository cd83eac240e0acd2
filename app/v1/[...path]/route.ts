import { handlePublicRequest } from '@/lib/v1/public'

export {
  handlePublicRequest as DELETE,
  handlePublicRequest as GET,
  handlePublicRequest as HEAD,
  handlePublicRequest as PATCH,
  handlePublicRequest as POST,
  handlePublicRequest as PUT,
}
