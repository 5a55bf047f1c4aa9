import { type FormEvent, type ReactNode, useState } from 'react'
import { type Cognito, LoginRefused, type SignIn } from '../auth/cognito'
import type { Oidc } from '../auth/oidc'
import type { Tokens } from '../auth/tokens'
import { login, loginError, loginUnreachable } from '../texts'
import { Icon, Mark } from './icons'

interface Props {
  way: { kind: 'cognito'; cognito: Cognito } | { kind: 'oidc'; oidc: Oidc; here: string }
  notice: string | null
  done: (tokens: Tokens) => void
}

/** The way in. */
export function LoginPage({ way, notice, done }: Props) {
  return (
    <main className="login">
      <div className="login-card">
        <div className="brand">
          <Mark />
          <span>autocall</span>
        </div>
        {way.kind === 'oidc' ? <Redirect way={way} notice={notice} /> : <CognitoLogin cognito={way.cognito} notice={notice} done={done} />}
      </div>
    </main>
  )
}

function Redirect({ way, notice }: { way: { oidc: Oidc; here: string }; notice: string | null }) {
  const [own, setOwn] = useState<string | null>(null)
  const problem = own ?? notice
  const go = () => {
    way.oidc.begin(way.here).then(
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

function CognitoLogin({ cognito, notice, done }: { cognito: Cognito; notice: string | null; done: (tokens: Tokens) => void }) {
  const [challenge, setChallenge] = useState<Extract<SignIn, { kind: 'new-password' }> | null>(null)
  const took = (answer: SignIn) => (answer.kind === 'in' ? done(answer.tokens) : setChallenge(answer))
  if (!challenge) return <Password cognito={cognito} notice={notice} took={took} />
  return <NewPassword cognito={cognito} challenge={challenge} took={took} back={() => setChallenge(null)} />
}

/** Runs one step of a login and keeps what it says when it fails; before the first step, *notice* has the word. */
function useStep(took: (answer: SignIn) => void, notice: string | null = null) {
  const [busy, setBusy] = useState(false)
  const [own, setProblem] = useState<string | null | undefined>(undefined)
  const problem = own === undefined ? notice : own
  const run = async (step: () => Promise<SignIn>) => {
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

function Password({ cognito, notice, took }: { cognito: Cognito; notice: string | null; took: (answer: SignIn) => void }) {
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
      <label>
        {login.username}
        <input
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
      </label>
      <PasswordField label={login.password} complete="current-password" value={password} set={setPassword} />
      <button type="submit" className="primary" disabled={busy}>
        {busy ? login.busy : login.submit}
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
      <button type="submit" className="primary" disabled={busy}>
        {busy ? login.busy : login.newSubmit}
      </button>
      <button type="button" className="link" onClick={back}>
        {login.back}
      </button>
    </form>
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
        <button type="button" className="bare" aria-label={shown ? login.hide : login.show} aria-pressed={shown} onClick={() => setShown(!shown)}>
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
          <Icon name="look" />
          <span>{children}</span>
        </p>
      )}
    </div>
  )
}
