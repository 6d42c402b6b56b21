import { html } from '../lib/html.js';
import { notice } from '../store/notices.js';
import { changeName, me } from '../store/session.js';
import { Avatar } from './avatar.js';
import { Field } from './field.js';
import { useForm } from './use-form.js';

export function SettingsProfile() {
	const user = me.value;
	const { onSubmit, busy, error, fields } = useForm(async ({ display_name }) => {
		await changeName(display_name.trim());
		notice('Your name is saved.');
	});
	if (!user)
		return null;
	return html`<form onSubmit=${onSubmit}>
		<div class="profile-card"><${Avatar} user=${user} />
			<div><b dir="auto">${user.display_name}</b><span class="quiet">@${user.username}</span></div></div>
		<${Field} label="Your name" name="display_name" required maxlength="64" dir="auto"
			autocomplete="name" defaultValue=${user.display_name} error=${fields.display_name}
			hint="Shown to others beside what you write." />
		${error && html`<p class="form-error" role="alert">${error}</p>`}
		<button class="button button-primary" aria-disabled=${busy}>Save</button>
	</form>`;
}
