import { putPassword } from '../api.js';
import { html } from '../lib/html.js';
import { notice } from '../store/notices.js';
import { me } from '../store/session.js';
import { closeDialog } from '../store/ui.js';
import { Field } from './field.js';
import { useForm } from './use-form.js';

export function SettingsPassword() {
	const { onSubmit, busy, error, fields } = useForm(async ({ current_password, new_password }) => {
		await putPassword(current_password, new_password);
		closeDialog();
		notice('Your password is changed. All other sessions have ended.');
	});
	return html`<form onSubmit=${onSubmit}>
		<input type="text" name="username" value=${me.value?.username} autocomplete="username" hidden readonly />
		<${Field} label="Current password" name="current_password" type="password" required
			autocomplete="current-password" error=${fields.current_password} />
		<${Field} label="New password" name="new_password" type="password" required minlength="8"
			autocomplete="new-password" hint="At least 8 characters. Every other session ends."
			error=${fields.new_password} />
		${error && html`<p class="form-error" role="alert">${error}</p>`}
		<button class="button button-primary" disabled=${busy}>Change password</button>
	</form>`;
}
