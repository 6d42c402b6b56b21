import { useRef, useState } from 'preact/hooks';
import { deleteToken, getTokens, postToken } from '../api.js';
import { html } from '../lib/html.js';
import { relativeTime, shortDate } from '../lib/time.js';
import { trying } from '../store/notices.js';
import { me } from '../store/session.js';
import { CopyField } from './copy-field.js';
import { Field } from './field.js';
import { inDays } from './invite-dialog.js';
import { Select } from './select.js';
import { useForm } from './use-form.js';
import { useList } from './use-list.js';

/** Secrets for scripts. */
export function SettingsTokens() {
	const { items, problem, reload } = useList(getTokens);
	const [secret, setSecret] = useState('');
	const form = useRef(/** @type {HTMLFormElement | null} */ (null));
	const { onSubmit, busy, error, fields } = useForm(async ({ name, scopes, days }) => {
		const made = await postToken({
			name: name.trim(), scopes: scopes.split(' '), expires_at: inDays(days),
		});
		setSecret(made.token ?? '');
		form.current?.reset();
		await reload();
	});

	/** @param {Token} token */
	async function remove(token) {
		await trying(deleteToken(token.id), 'Couldn’t delete the token.');
		await reload();
	}

	return html`<p>Tokens let scripts and programs use the API as you.</p>
		${secret && html`<div class="hint-box"><p>Copy the new token now. It is not shown again.</p>
			<${CopyField} label="Token" value=${secret} /></div>`}
		${problem && html`<p class="form-error" role="alert">${problem}</p>`}
		<ul class="settings-list">${items?.map((t) => html`<li key=${t.id}>
			<span class="settings-item"><b dir="auto">${t.name}</b>
				<span class="quiet">${[t.scopes.join(', '),
					t.used_at ? `used ${relativeTime(t.used_at)}` : 'never used',
					t.expires_at ? `until ${shortDate(t.expires_at)}` : ''].filter(Boolean).join(' · ')}</span></span>
			<button type="button" class="button" aria-label="Delete token ${t.name}"
				onClick=${() => remove(t)}>Delete</button>
		</li>`)}</ul>
		${items?.length === 0 && html`<p class="quiet">You have no tokens.</p>`}
		<form ref=${form} class="settings-form" onSubmit=${onSubmit}>
			<h3>New token</h3>
			<${Field} label="Name" name="name" required maxlength="80" autocomplete="off"
				placeholder="Nightly backup" error=${fields.name} />
			<div class="field-row">
				<${Select} label="It may" name="scopes" value="read write" options=${[
					['read', 'read'], ['write', 'write'], ['read write', 'read and write'],
					...(me.value?.is_admin ? [['read write admin', 'read, write and administer']] : []),
				]} />
				<${Select} label="Expires" name="days" value="" options=${[
					['30', 'in 30 days'], ['90', 'in 90 days'], ['365', 'in a year'], ['', 'never']]} />
			</div>
			${error && html`<p class="form-error" role="alert">${error}</p>`}
			<button class="button" aria-disabled=${busy}>Create token</button>
		</form>`;
}
