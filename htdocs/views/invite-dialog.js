import { useState } from 'preact/hooks';
import { postInvite } from '../api.js';
import { copy } from '../lib/clipboard.js';
import { html } from '../lib/html.js';
import { addressOf } from '../router.js';
import { notice } from '../store/notices.js';
import { site } from '../store/session.js';
import { CopyField } from './copy-field.js';
import { Dialog } from './dialog.js';
import { Select } from './select.js';
import { useForm } from './use-form.js';

/** The address of an invitation. @param {Invite} invite */
const inviteLink = (invite) => invite.url ?? addressOf(`#/join/${invite.code}`);

/** When something ends that is made now. @param {string} days */
export const inDays = (days) => (days === '' ? undefined
	: new Date(Date.now() + Number(days) * 86_400_000).toISOString());

/** Makes a link for new people and copies it. */
export function InviteDialog() {
	const [link, setLink] = useState('');
	const { onSubmit, busy, error } = useForm(async ({ uses, days }) => {
		const made = inviteLink(await postInvite({
			uses: uses ? Number(uses) : undefined, expires_at: inDays(days),
		}));
		setLink(made);
		if (await copy(made))
			notice('Invitation link copied.');
	});
	return html`<${Dialog} title="Invite people" class="dialog-small">
		${link ? html`<p>Send this link to the people you want to invite. Anyone who has it can create an account.</p>
				<${CopyField} label="Invitation link" value=${link} />`
			: html`<form onSubmit=${onSubmit}>
				<p>With a link, people can create an account on <bdi>${site.value.name}</bdi>.</p>
				<div class="field-row">
					<${Select} label="For" name="uses" value="10" options=${[['1', 'one person'],
						['10', 'up to 10 people'], ['50', 'up to 50 people']]} />
					<${Select} label="Valid for" name="days" value="7" options=${[['1', 'a day'],
						['7', 'a week'], ['30', '30 days']]} />
				</div>
				${error && html`<p class="form-error" role="alert">${error}</p>`}
				<div class="dialog-buttons"><button class="button button-primary" aria-disabled=${busy} autofocus>
					Copy an invitation link</button></div>
			</form>`}
	</${Dialog}>`;
}
