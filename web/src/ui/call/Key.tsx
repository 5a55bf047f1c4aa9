/** The key that does the same, as it is printed on it; those who hear the page are told by `aria-keyshortcuts`. */
export function Key({ name }: { name: string }) {
  return (
    <kbd className="key" aria-hidden="true">
      {name}
    </kbd>
  )
}
