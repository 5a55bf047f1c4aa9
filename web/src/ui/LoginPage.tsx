import { type FormEvent, type ReactNode, useState } from 'react'
import { type Cognito, LoginRefused, type SignIn } from '../auth/cognito'
import type { Oidc } from '../auth/oidc'
import type { Tokens } from '../auth/tokens'
import { login, loginError, loginUnreachable } from '../texts'
import { Icon, Mark } from './icons'

/** What the login says when it appears: that something went wrong, or only what happened. */
export interface Notice {
  text: string
  tone: 'bad' | 'plain'
}

interface Props {
  way: { kind: 'cognito'; cognito: Cognito } | { kind: 'oidc'; oidc: Oidc; here: string }
  notice: Notice | null
  done: (tokens: Tokens) => void
}

/** The way in. */
export function LoginPage({ way, notice, done }: Props) {
  const trouble = notice?.tone === 'bad' ? notice.text : null
  return (
    <main className="login">
      <div className="login-card">
        <div className="brand">
          <Mark />
          <span>autocall</span>
        </div>
        {notice?.tone === 'plain' && (
          <p className="login-notice" role="status">
            {notice.text}
          </p>
        )}
        {way.kind === 'oidc' ? (
          <Redirect way={way} notice={trouble} />
        ) : (
          <CognitoLogin cognito={way.cognito} notice={trouble} done={done} />
        )}
      </div>
    </main>
  )
}

function Redirect({ way, notice }: { way: { oidc: Oidc; here: string }; notice: string | null }) {
  const [own, setOwn] = useState<string | null>(null)
  const problem = own ?? notice
  const go = () => {
    way.oidc.authorizeUrl(way.here).then(
      (address) => location.assign(address),
      () => setOwn(loginUnreachable),
    )
  }
  return (
    <>
      <h1>{login.title}</h1>
      <p className="quiet">{login.redirectHint}</p>
      <Problem>{problem}</Problem>
      <button type="button" className="primary" onClick={go}>
        {login.redirect}
      </button>
    </>
  )
}

function CognitoLogin({
  cognito,
  notice,
  done,
}: {
  cognito: Cognito
  notice: string | null
  done: (tokens: Tokens) => void
}) {
  const [challenge, setChallenge] = useState<Extract<SignIn, { kind: 'new-password' }> | null>(null)
  const [forgotten, setForgotten] = useState<string | null>(null)
  const took = (answer: SignIn) => (answer.kind === 'in' ? done(answer.tokens) : setChallenge(answer))
  if (challenge)
    return <NewPassword cognito={cognito} challenge={challenge} took={took} back={() => setChallenge(null)} />
  if (forgotten !== null)
    return <ForgottenPassword cognito={cognito} username={forgotten} took={took} back={() => setForgotten(null)} />
  return <Password cognito={cognito} notice={notice} took={took} forgot={setForgotten} />
}

/** Runs one step of a login and keeps what it says when it fails; before the first step, *notice* has the word. */
function useStep<T>(took: (answer: T) => void, notice: string | null = null) {
  const [busy, setBusy] = useState(false)
  const [own, setProblem] = useState<string | null | undefined>(undefined)
  const problem = own === undefined ? notice : own
  const run = async (step: () => Promise<T>) => {
    if (busy) return
    setBusy(true)
    setProblem(null)
    try {
      took(await step())
    } catch (error) {
      setProblem(error instanceof LoginRefused ? loginError(error.code, error.message) : loginUnreachable)
    } finally {
      setBusy(false)
    }
  }
  return { busy, problem, run }
}

interface PasswordProps {
  cognito: Cognito
  notice: string | null
  took: (answer: SignIn) => void
  forgot: (username: string) => void
}

function Password({ cognito, notice, took, forgot }: PasswordProps) {
  const { busy, problem, run } = useStep(took, notice)
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void run(() => cognito.signIn(username.trim(), password))
  }
  return (
    <form onSubmit={submit}>
      <h1>{login.title}</h1>
      <p className="quiet">{login.lead}</p>
      <Problem>{problem}</Problem>
      <UserName value={username} set={setUsername} />
      <PasswordField label={login.password} complete="current-password" value={password} set={setPassword} />
      <Submit busy={busy}>{busy ? login.busy : login.submit}</Submit>
      <button type="button" className="link" onClick={() => forgot(username.trim())}>
        {login.forgot}
      </button>
    </form>
  )
}

interface ForgottenProps {
  cognito: Cognito
  username: string
  took: (answer: SignIn) => void
  back: () => void
}

/** A code is mailed first; with it and a new password, one is in. */
function ForgottenPassword({ cognito, username: typed, took, back }: ForgottenProps) {
  const [username, setUsername] = useState(typed)
  const [mailed, setMailed] = useState<{ to: string | null } | null>(null)
  const { busy, problem, run } = useStep((to: string | null) => setMailed({ to }))
  const send = () => void run(() => cognito.forgotPassword(username.trim()))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send()
  }
  if (mailed)
    return (
      <Code
        cognito={cognito}
        username={username.trim()}
        mailedTo={mailed.to}
        took={took}
        again={() => setMailed(null)}
        back={back}
      />
    )
  return (
    <form onSubmit={submit}>
      <h1>{login.forgotTitle}</h1>
      <p className="quiet">{login.forgotLead}</p>
      <Problem>{problem}</Problem>
      <UserName value={username} set={setUsername} />
      <Submit busy={busy}>{login.forgotSubmit}</Submit>
      <button type="button" className="link" onClick={back}>
        {login.back}
      </button>
    </form>
  )
}

interface CodeProps {
  cognito: Cognito
  username: string
  mailedTo: string | null
  took: (answer: SignIn) => void
  again: () => void
  back: () => void
}

function Code({ cognito, username, mailedTo, took, again, back }: CodeProps) {
  const { busy, problem, run } = useStep(took)
  const [code, setCode] = useState('')
  const [password, setPassword] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void run(async () => {
      await cognito.confirmForgotPassword(username, code.trim(), password)
      return cognito.signIn(username, password)
    })
  }
  return (
    <form onSubmit={submit}>
      <h1>{login.forgotTitle}</h1>
      <p className="quiet">{login.codeLead(mailedTo)}</p>
      <Problem>{problem}</Problem>
      <input type="hidden" name="username" autoComplete="username" value={username} readOnly />
      <label>
        {login.code}
        <input
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          autoFocus
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
      </label>
      <PasswordField label={login.newPassword} complete="new-password" value={password} set={setPassword} />
      <Submit busy={busy}>{busy ? login.busy : login.newSubmit}</Submit>
      <button type="button" className="link" onClick={again}>
        {login.codeAgain}
      </button>
      <button type="button" className="link" onClick={back}>
        {login.back}
      </button>
    </form>
  )
}

interface NewPasswordProps {
  cognito: Cognito
  challenge: Extract<SignIn, { kind: 'new-password' }>
  took: (answer: SignIn) => void
  back: () => void
}

function NewPassword({ cognito, challenge, took, back }: NewPasswordProps) {
  const { busy, problem, run } = useStep(took)
  const [password, setPassword] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void run(() => cognito.newPassword(challenge.username, password, challenge.session))
  }
  return (
    <form onSubmit={submit}>
      <h1>{login.newTitle}</h1>
      <p className="quiet">{login.newLead}</p>
      <Problem>{problem}</Problem>
      <input type="hidden" name="username" autoComplete="username" value={challenge.username} readOnly />
      <PasswordField label={login.newPassword} complete="new-password" value={password} set={setPassword} focus />
      <Submit busy={busy}>{busy ? login.busy : login.newSubmit}</Submit>
      <button type="button" className="link" onClick={back}>
        {login.back}
      </button>
    </form>
  )
}

function UserName({ value, set }: { value: string; set: (value: string) => void }) {
  return (
    <label>
      {login.username}
      <input
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        autoFocus
        value={value}
        onChange={(event) => set(event.target.value)}
      />
    </label>
  )
}

/** While a step runs it does nothing, but keeps the focus: a disabled button would lose it. */
function Submit({ busy, children }: { busy: boolean; children: ReactNode }) {
  return (
    <button type="submit" className="primary" aria-disabled={busy}>
      {children}
    </button>
  )
}

interface FieldProps {
  label: string
  complete: string
  value: string
  set: (value: string) => void
  focus?: boolean
}

function PasswordField({ label, complete, value, set, focus = false }: FieldProps) {
  const [shown, setShown] = useState(false)
  return (
    <label>
      {label}
      <span className="with-button">
        <input
          name="password"
          type={shown ? 'text' : 'password'}
          autoComplete={complete}
          required
          autoFocus={focus}
          value={value}
          onChange={(event) => set(event.target.value)}
        />
        <button
          type="button"
          className="bare"
          aria-label={shown ? login.hide : login.show}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          <Icon name="eye" />
        </button>
      </span>
    </label>
  )
}

function Problem({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className="problem-slot">
      {children && (
        <p className="problem">
          <Icon name="warning" />
          <span>{children}</span>
        </p>
      )}
    </div>
  )
}
