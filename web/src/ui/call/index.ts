export { AfterCall } from './AfterCall'
export { CallCard } from './CallCard'
export { CallDesk } from './CallDesk'
export { Upcoming } from './Upcoming'
