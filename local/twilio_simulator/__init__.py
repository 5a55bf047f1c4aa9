"""A Twilio simulator: calls that perform TwiML, conferences, applications, numbers; and a witness that records it all.

Seconds in scripts, TwiML and the witness are seconds of a call: `--speed` of them pass in one real second. What takes
real time (a request of ours to a webhook) therefore counts `speed` times; measure the two seconds with `--speed 1`.

Twilio's API (`/2010-04-01/Accounts/{AC}/…`, Basic auth, errors as Twilio writes them)
  Calls.json, Calls/{CA}.json     create (Url | Twiml | ApplicationSid, FallbackUrl, AsyncAmd…), list, fetch, delete;
                                  update: Twiml= or Url= redirects a live call (21220 if it is not in progress),
                                  Status=completed ends it, Status=canceled ends what rings and leaves a conversation
                                  alone (200, nothing happens)
  Conferences.json, …/{CF or name}.json, …/{CF or name}/Participants.json, …/Participants/{CA or label}.json
                                  list (FriendlyName, Status), fetch, update (Status=completed; Muted), delete (kick)
  Applications.json, …/{AP}.json  create, list (FriendlyName), fetch, update, delete
  IncomingPhoneNumbers.json, …/{PN}.json   list (PhoneNumber), fetch, update (VoiceUrl, StatusCallback, …)

What happens to a call: `POST /_script` (module `scripts`), beside what it could do before
  presses          digits that the person presses, one Gather after the other ("1", "19"); null or "": nothing.
                   Without a script, a person who is asked to "press 1" presses 1 and stays, and presses nothing else
  presses_after_s  seconds after the start of a Gather (2)
  outcome          `machine` is a mailbox: it greets for `greeting_s` (8) and presses nothing
  talk_s           when the person hangs up; the document may end the call before. Without a script, they hang up some
                   seconds after they first hear something: at speed 10 a back end is ten times as slow
  answered_by      the result of detection, even a wrong one; `detected_after_s` (2 for a person, 4 for a machine)
  skips            statuses that never come: ["initiated", "ringing"]
  sip_code         480, 603, 607, 608… of a call that was not connected
  room             like `callbacks` (lose, repeat, delay_s, shuffle), for the room's callbacks about this call
  documents        requests for the call's documents: lose (true; then its fallback is asked for), repeat, delay_s
A number from +12025550170 to 79, or given as `--agent-phone` (or `POST /_agent_phones {"numbers": [...]}`), picks up
after 2 s, presses 1 and stays, and so does the phone at the end of a `<Dial><Number>`; its own scripts come first.
An inline `Twiml` with only Say and Play lasts for `talk_s`: the script decides how long a message takes.

People who call us, answered by JSON `{"sid"}`
  POST /_ring      {"from", "to", "stir"?, "call_token"?, …person}   a person calls one of our numbers
  POST /_client    {"identity", "application_sid", "params"?, …person}   a browser calls through a TwiML App
                   (person: talk_s, presses, presses_after_s, room, as above)
  POST /_calls/{CA}   {"hangs_up": true} · {"presses": "1"} · {"dies": noticed_after_s}: silent at once, ended later
  GET  /signal     the WebSocket of the real @twilio/voice-sdk, which takes only wss://HOST/signal: the page's first
                   script must be `GET /_gateway.js` (Playwright: add_init_script), which sends it here instead
  GET  /_mixer     the page that mixes the sound, open in the same browser; /_mixer/ear/{CA}?tones=440,880: what a call
                   hears just now; /_mixer/tones: the tone of each phone; a document's words are 3400 Hz
  POST /_gateway/drop   cuts every signalling socket

The witness
  GET /_witness           numbers, calls, posts, callbacks, as before: only calls by POST are counted as dialled
  GET /_witness/rooms     each room: sid, name, status, participants, the events that were sent
  GET /_witness/heard     per leg: number, role (lead | agent), answered_s, ended_s, sentences with their times, the
                          mixes it was in, `alone` (silence without a word), `joined_after_s` (answer to first hearing
                          an agent); `together`: who heard whom from when to when; `leads_together`: what must be empty
  GET /_witness/errors    documents that were refused: unknown verbs and attributes, pages that were not TwiML
  `client.Witness(url)` asks all this for a test.

Options: --number (ours; repeatable), --only-own-numbers (21210 for others), --concurrent N (10004), --agent-phone.
"""
