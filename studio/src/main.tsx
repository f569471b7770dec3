import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import './css/base.css';
import './css/layout.css';
import './css/controls.css';
import './css/pictures.css';
import './css/results.css';
import './css/training.css';
import './css/pages.css';

createRoot(document.getElementById('studio')!).render(<App />);
