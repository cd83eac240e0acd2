import { handleGitRequest } from '@/lib/git/handle-git-request'

export { handleGitRequest as GET, handleGitRequest as POST }
