import { html } from '../lib/html.js';
import { chordNames } from '../lib/keys.js';
import { trying } from '../store/notices.js';
import { changeSettings, settings } from '../store/session.js';
import { openDialog } from '../store/ui.js';

/** @type {[string, string, string][]} */
const themes = [
	['system', 'Like the system', 'Light or dark as your device says.'],
	['light', 'Light', ''],
	['dark', 'Dark', ''],
];

/** @param {Settings} change */
const save = (change) => trying(changeSettings(change), 'Couldn’t save this setting.');

export function SettingsAppearance() {
	const { theme = 'system', enter_sends = true } = settings.value;
	return html`<fieldset class="field options">
			<legend>Theme</legend>
			${themes.map(([value, title, text]) => html`<label class="option" key=${value}>
				<input type="radio" name="theme" value=${value} checked=${theme === value}
					onChange=${() => save({ theme: /** @type {any} */ (value) })} />
				<span><b>${title}</b>${text && html`<span>${text}</span>`}</span></label>`)}
		</fieldset>
		<fieldset class="field options">
			<legend>Writing</legend>
			<label class="option"><input type="checkbox" checked=${enter_sends}
				onChange=${(/** @type {any} */ e) => save({ enter_sends: e.target.checked })} />
				<span><b>Enter sends the message</b>
					<span>Otherwise Enter begins a new line and ${chordNames('ctrl+enter').join('+')} sends.</span></span></label>
			<button type="button" class="link-button only-fine" onClick=${() => openDialog('shortcuts')}>
				Keyboard shortcuts</button>
		</fieldset>`;
}
