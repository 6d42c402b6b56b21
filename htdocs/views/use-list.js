import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api.js';

/**
 * A list of the server's that only one view needs.
 *
 * @template T
 * @param {() => Promise<{ items: T[] }>} ask
 */
export function useList(ask) {
	const [items, setItems] = useState(/** @type {T[] | null} */ (null));
	const [problem, setProblem] = useState('');

	async function reload() {
		try {
			setItems((await ask()).items);
			setProblem('');
		} catch (error) {
			if (!(error instanceof ApiError))
				throw error;
			setProblem(error.message);
		}
	}

	useEffect(() => {
		reload();
	}, []);

	return { items, problem, reload };
}
