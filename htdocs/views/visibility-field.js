import { html } from '../lib/html.js';

/** Who may see a group. @param {{ value: string }} props */
export function VisibilityField({ value }) {
	return html`<fieldset class="field options">
		<legend>Who can join</legend>
		<label class="option"><input type="radio" name="visibility" value="private"
			defaultChecked=${value === 'private'} />
			<span><b>Private</b><span>Only people who are added can see it.</span></span></label>
		<label class="option"><input type="radio" name="visibility" value="public"
			defaultChecked=${value === 'public'} />
			<span><b>Public</b><span>Everybody on this site can find and join it.</span></span></label>
	</fieldset>`;
}
