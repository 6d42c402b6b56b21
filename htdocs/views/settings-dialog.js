import { useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { signOut } from '../store/account.js';
import { countDrafts } from '../store/drafts.js';
import { countUnsent } from '../store/outbox.js';
import { openDialog } from '../store/ui.js';
import { count, joinNames } from '../lib/text.js';
import { Dialog } from './dialog.js';
import { SettingsAppearance } from './settings-appearance.js';
import { SettingsInvites } from './settings-invites.js';
import { SettingsPassword } from './settings-password.js';
import { SettingsProfile } from './settings-profile.js';
import { SettingsSessions } from './settings-sessions.js';
import { SettingsTokens } from './settings-tokens.js';

/** @type {[string, any][]} */
const parts = [
	['Profile', SettingsProfile],
	['Appearance', SettingsAppearance],
	['Password', SettingsPassword],
	['Sessions', SettingsSessions],
	['API tokens', SettingsTokens],
	['Invitations', SettingsInvites],
];

export function SettingsDialog() {
	const [open, setOpen] = useState('Profile');
	const Part = parts.find(([name]) => name === open)?.[1];
	return html`<${Dialog} title="Settings" class="dialog-settings">
		<div class="settings">
			<nav class="settings-nav" aria-label="Settings">
				${parts.map(([name]) => html`<button type="button" key=${name} class="settings-tab"
					aria-current=${name === open ? 'page' : undefined}
					onClick=${() => setOpen(name)}>${name}</button>`)}
			</nav>
			<section class="settings-part" tabindex="-1" key=${open} aria-label=${open}><${Part} /></section>
			<footer class="settings-foot"><button type="button" class="link-button is-danger"
				onClick=${leave}>Sign out</button></footer>
		</div>
	</${Dialog}>`;
}

/** Signing out forgets what was not sent: say so first. */
function leave() {
	const drafts = countDrafts();
	const unsent = countUnsent();
	const lost = [
		...drafts ? [count(drafts, 'draft')] : [],
		...unsent ? [count(unsent, 'unsent message')] : [],
	];
	openDialog('confirm', {
		title: 'Sign out?', verb: 'Sign out', danger: lost.length > 0,
		text: lost.length ? `On this device you have ${joinNames(lost)}, which will be deleted.`
			: 'You can sign in again at any time.',
		onConfirm: signOut,
	});
}
