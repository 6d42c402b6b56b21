import { useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { signIn } from '../store/account.js';
import { lastUsername, site, status } from '../store/session.js';
import { Field } from './field.js';
import { PasswordField } from './password-field.js';
import { SignUpForm } from './sign-up-form.js';
import { useForm } from './use-form.js';

/** Sign in, or sign up where everybody may. */
export function Entrance() {
	const [signingUp, setSigningUp] = useState(false);
	const open = site.value.registration === 'open';
	return html`<main class="entrance"><div class="entrance-box">
		<p class="entrance-site"><img src="./icons/icon.svg" alt="" width="28" height="28" />${site.value.name}</p>
		${signingUp && open
			? html`<h1>Create your account</h1><${SignUpForm} />`
			: html`<h1>Sign in</h1><${SignInForm} />`}
		${open ? html`<p class="entrance-foot">
				${signingUp ? 'Already have an account?' : 'New here?'}
				<button type="button" class="link-button" onClick=${() => setSigningUp(!signingUp)}>
					${signingUp ? 'Sign in' : 'Create an account'}</button>
			</p>`
			: site.value.registration === 'invite' && html`<p class="entrance-foot">
				New here? Ask somebody on ${site.value.name} for an invitation link.</p>`}
	</div></main>`;
}

function SignInForm() {
	const { onSubmit, busy, error } = useForm(async ({ username, password }) =>
		signIn(username.trim(), password));
	const known = lastUsername();
	return html`<form onSubmit=${onSubmit}>
		${status.value === 'ended' && html`<p class="hint-box">
			Your session has ended. Sign in to go on where you were; your drafts are kept.</p>`}
		<${Field} label="Username" name="username" defaultValue=${known} required
			autocomplete="username" autocapitalize="none" spellcheck=${false}
			autofocus=${!known} />
		<${PasswordField} label="Password" name="password"
			autocomplete="current-password" autofocus=${!!known} />
		${error && html`<p class="form-error" role="alert">${error}</p>`}
		<button class="button button-primary button-wide" aria-disabled=${busy}>Sign in</button>
	</form>`;
}
