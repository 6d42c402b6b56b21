import { putPassword } from '../api.js';
import { html } from '../lib/html.js';
import { notice } from '../store/notices.js';
import { me } from '../store/session.js';
import { closeDialog } from '../store/ui.js';
import { PasswordField } from './password-field.js';
import { useForm } from './use-form.js';

export function SettingsPassword() {
	const { onSubmit, busy, error, fields } = useForm(async ({ current_password, new_password }) => {
		await putPassword(current_password, new_password);
		closeDialog();
		notice('Your password is changed. All other sessions have ended.');
	});
	return html`<form onSubmit=${onSubmit}>
		<input type="text" name="username" value=${me.value?.username} autocomplete="username" hidden readonly />
		<${PasswordField} label="Current password" name="current_password"
			autocomplete="current-password" error=${fields.current_password} />
		<${PasswordField} label="New password" name="new_password" minlength="8"
			autocomplete="new-password" hint="At least 8 characters. Every other session ends."
			error=${fields.new_password} />
		${error && html`<p class="form-error" role="alert">${error}</p>`}
		<button class="button button-primary" aria-disabled=${busy}>Change password</button>
	</form>`;
}
