/** The parts of the page that only calls need, as one file that is loaded after the list. */
export const loadCallUi = () => import('./index')
