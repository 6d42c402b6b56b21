import { html } from '../lib/html.js';
import { replace } from '../router.js';
import { signUp } from '../store/account.js';
import { Field } from './field.js';
import { PasswordField } from './password-field.js';
import { useForm } from './use-form.js';

/** A new account. @param {{ invite?: string }} props */
export function SignUpForm({ invite }) {
	const { onSubmit, busy, error, fields } = useForm(async (values) => {
		await signUp({
			username: values.username.trim(), password: values.password,
			display_name: values.display_name.trim(), invite,
		});
		replace('#/');
	});
	return html`<form onSubmit=${onSubmit}>
		<${Field} label="Your name" name="display_name" required maxlength="64"
			autocomplete="name" autofocus hint="Shown to others. You can change it later."
			error=${fields.display_name} />
		<${Field} label="Username" name="username" required maxlength="32"
			autocomplete="username" autocapitalize="none" spellcheck=${false}
			hint="For signing in and for mentions, like @ana."
			error=${fields.username} />
		<${PasswordField} label="Password" name="password" minlength="8"
			autocomplete="new-password" hint="At least 8 characters." error=${fields.password} />
		${error && html`<p class="form-error" role="alert">${error}</p>`}
		<button class="button button-primary button-wide" aria-disabled=${busy}>Create account</button>
	</form>`;
}
