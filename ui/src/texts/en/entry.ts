/** Signing in, and the first admin. */
export const entry = {
  signIn: {
    title: 'Sign in',
    email: 'E-mail address',
    password: 'Password',
    submit: 'Sign in',
    ended: 'Your session has ended. Sign in to go on.',
    forgotten:
      'Forgotten? An admin can set a new password in Settings, or on the server: rollcall account:create makes another account.',
  },
  firstAdmin: {
    title: 'Welcome to Rollcall',
    text: 'Make the first account. It is an admin: it adds devices, and lets others in.',
    email: 'E-mail address',
    password: 'Password',
    passwordHint: 'At least 10 characters. A few words are easier to remember than signs.',
    repeat: 'Password again',
    differs: 'The two passwords differ.',
    submit: 'Make the account and go on',
    noToken:
      'This address lacks its secret part. Open the whole link that Rollcall printed when it started; it works once. Started again, it prints a new one.',
  },
}
