import { useEffect, useState } from 'preact/hooks';
import { ApiError, checkLink } from '../api.js';
import { html } from '../lib/html.js';
import { relativeTime } from '../lib/time.js';
import { replace } from '../router.js';
import { redeem } from '../store/account.js';
import { site } from '../store/session.js';
import { Field } from './field.js';
import { PasswordField } from './password-field.js';
import { SignUpForm } from './sign-up-form.js';
import { useForm } from './use-form.js';

/** Where a sign-in link or an invitation leads. @param {{ code: string }} props */
export function LinkPage({ code }) {
	const [link, setLink] = useState(/** @type {Link | null} */ (null));
	const [problem, setProblem] = useState('');

	async function check() {
		setProblem('');
		try {
			setLink(await checkLink(code));
		} catch (error) {
			if (!(error instanceof ApiError))
				throw error;
			setProblem(error.status === 404 ? 'invalid' : error.message);
		}
	}

	useEffect(() => {
		check();
	}, [code]);

	return html`<main class="entrance"><div class="entrance-box">
		<p class="entrance-site"><img src="./icons/icon.svg" alt="" width="28" height="28" />${site.value.name}</p>
		${problem === 'invalid' ? html`<${Invalid} />`
			: problem ? html`<h1>Couldn’t check this link</h1><p>${problem}</p>
				<button type="button" class="button" onClick=${check}>Try again</button>`
			: link?.kind === 'sign_in' ? html`<${Welcome} link=${link} code=${code} />`
			: link && html`<h1>Create your account</h1>
				<p>You are invited to ${site.value.name}.${' '}
					${link.expires_at && html`The invitation ends ${relativeTime(link.expires_at)}.`}</p>
				<${SignUpForm} invite=${code} />
				<p class="entrance-foot">Already have an account?${' '}
					<a href="#/">Sign in</a></p>`}
	</div></main>`;
}

/** Two fields, and one is in. @param {{ link: Link, code: string }} props */
function Welcome({ link, code }) {
	const { onSubmit, busy, error, fields } = useForm(async ({ display_name, password }) => {
		await redeem({ code, password, display_name: display_name.trim() });
		replace('#/');
	});
	return html`<h1>Welcome</h1>
		<p>Your username is <strong>${link.username}</strong>.
			Choose a password to sign in with from now on.</p>
		<form onSubmit=${onSubmit}>
			<input type="text" name="username" value=${link.username} autocomplete="username"
				hidden readonly />
			<${Field} label="Your name" name="display_name" required maxlength="64"
				autocomplete="name" autofocus defaultValue=${link.display_name ?? ''}
				error=${fields.display_name} />
			<${PasswordField} label="New password" name="password"
				minlength="8" autocomplete="new-password" hint="At least 8 characters."
				error=${fields.password} />
			${error && html`<p class="form-error" role="alert">${error}</p>`}
			<button class="button button-primary button-wide" aria-disabled=${busy}>Save and sign in</button>
		</form>`;
}

function Invalid() {
	return html`<h1>This link no longer works</h1>
		<p>It may have been used already, or its time is over. Ask whoever sent it for a new one.</p>
		<a class="button" href="#/">Go to sign in</a>`;
}
