import { useState } from 'preact/hooks';
import { ApiError } from '../api.js';

/** The field that a code is about, where the answer doesn't say. @type {Record<string, string>} */
const fieldOf = { username_taken: 'username' };

/**
 * What all forms do: one request at a time, and the server's objections
 * beside the fields they are about.
 *
 * @param {(values: Record<string, string>) => Promise<void>} work
 */
export function useForm(work) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState('');
	const [fields, setFields] = useState(/** @type {Record<string, string>} */ ({}));

	/** @param {SubmitEvent} event */
	async function onSubmit(event) {
		event.preventDefault();
		if (busy)
			return;
		const form = /** @type {HTMLFormElement} */ (event.currentTarget);
		/** @type {Record<string, string>} */
		const values = {};
		for (const [name, value] of new FormData(form))
			values[name] = String(value);
		setBusy(true);
		setError('');
		setFields({});
		try {
			await work(values);
		} catch (problem) {
			if (!(problem instanceof Error))
				throw problem;
			const { code = '', errors: found = [] } = problem instanceof ApiError ? problem : {};
			const here = [[fieldOf[code] ?? '', problem.message],
				...found.map((e) => [e.pointer.split('/').pop() ?? '', e.detail])]
				.filter(([name]) => name && form.elements.namedItem(name));
			setFields(Object.fromEntries(here));
			setError(here.length ? '' : found[0]?.detail ?? problem.message);
			requestAnimationFrame(() => /** @type {HTMLElement | null} */ (
				form.querySelector('[aria-invalid=true]'))?.focus());
		} finally {
			setBusy(false);
		}
	}

	return { onSubmit, busy, error, fields };
}
