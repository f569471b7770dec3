import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { StudioInfo } from '../../src/server/api.js';
import { api } from './api/client.js';
import { Link } from './components/link.js';
import { Notice } from './components/notice.js';
import { LookPage } from './pages/look/look-page.js';
import { MeasurePage } from './pages/measure/measure-page.js';
import { MixPage } from './pages/mix/mix-page.js';
import { ModelsPage } from './pages/models/models-page.js';
import { SteerPage } from './pages/steer/steer-page.js';
import { TrainPage } from './pages/train/train-page.js';
import { lastAddress, useAddress } from './router.js';
import { type Loaded, useLoaded } from './state/use-loaded.js';

export interface PageProps {
  readonly info: StudioInfo;
  /** The address's parameters, with their question mark. */
  readonly search: string;
}

interface Page {
  readonly path: string;
  readonly title: string;
  readonly show: (props: PageProps) => ReactNode;
}

/** In the order of the menu; the first one is where the studio begins. */
const PAGES: readonly [Page, ...Page[]] = [
  { path: '/look', title: 'Look', show: LookPage },
  { path: '/steer', title: 'Steer', show: SteerPage },
  { path: '/mix', title: 'Mix', show: MixPage },
  { path: '/train', title: 'Train', show: TrainPage },
  { path: '/measure', title: 'Measure', show: MeasurePage },
  { path: '/models', title: 'Models', show: ModelsPage },
];

export function App() {
  const { path, search } = useAddress();
  const page = path === '/' ? PAGES[0] : PAGES.find((one) => one.path === path);
  const [attempt, setAttempt] = useState(0);
  const studio = useLoaded(api.studio, attempt);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(page);
  useEffect(() => {
    document.title = `${page?.title ?? 'Not here'} · featinv studio`;
    // Those who do not see the page learn that it is another one; the first one has its usual beginning.
    if (shown.current !== page) main.current?.focus();
    shown.current = page;
  }, [page]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="top">
        <Link to="/" className="brand">
          <img src="/icon.svg" alt="" width="28" height="28" />
          featinv <span>studio</span>
        </Link>
        <nav aria-label="Pages">
          {PAGES.map((one) => (
            <Link key={one.path} to={lastAddress(one.path)} isCurrent={one === page}>
              {one.title}
            </Link>
          ))}
        </nav>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {page ? (
          <Content
            key={page.path}
            {...{ page, search, studio }}
            onAgain={() => setAttempt(attempt + 1)}
          />
        ) : (
          <NotHere />
        )}
      </main>
    </>
  );
}

interface ContentProps {
  readonly page: Page;
  readonly search: string;
  readonly studio: Loaded<StudioInfo>;
  readonly onAgain: () => void;
}

function Content({ page: { show: Shown }, search, studio, onAgain }: ContentProps) {
  switch (studio.state) {
    case 'loading':
      return <p className="quiet opening">Opening the studio …</p>;
    case 'failed':
      return (
        <Notice kind="error">
          <p>{studio.message}</p>
          <button type="button" onClick={onAgain}>
            Try again
          </button>
        </Notice>
      );
    case 'loaded':
      return <Shown info={studio.value} search={search} />;
  }
}

function NotHere() {
  return (
    <section className="page">
      <h1>There is no such page</h1>
      <p>
        The studio begins at <Link to="/">Look</Link>.
      </p>
    </section>
  );
}
