/** Why a lead waits or has ended, or why calling stopped: a code of autocall/reasons.py, and the number that explains it. */
export interface Reason {
  code: string
  detail: string
}

const DETAILED = /^(.+) \((?:SIP )?(\d+)\)$/s

/** Reads a reason as the server sends it; nobody else takes such a text apart. */
export function readReason(text: string | null | undefined): Reason {
  const [, code = text ?? '', detail = ''] = DETAILED.exec(text ?? '') ?? []
  return { code, detail }
}
