import { html } from '../lib/html.js';
import { closeDialog } from '../store/ui.js';
import { Dialog } from './dialog.js';
import { useForm } from './use-form.js';

/**
 * Asks before something that can't be taken back.
 *
 * @param {{ title: string, text: string, verb: string, danger?: boolean,
 *	onConfirm: () => Promise<void> }} props
 */
export function ConfirmDialog({ title, text, verb, danger = false, onConfirm }) {
	const { onSubmit, busy, error } = useForm(async () => {
		await onConfirm();
		closeDialog();
	});
	return html`<${Dialog} title=${title} class="dialog-small"><form onSubmit=${onSubmit}>
		<p>${text}</p>
		${error && html`<p class="form-error" role="alert">${error}</p>`}
		<div class="dialog-buttons">
			<button type="button" class="button" onClick=${closeDialog}>Cancel</button>
			<button class="button ${danger ? 'button-danger' : 'button-primary'}" aria-disabled=${busy} autofocus>
				${verb}</button>
		</div>
	</form></${Dialog}>`;
}
