import type { ReactNode } from 'react';

export interface PictureFigureProps {
  /** Null while there is none yet: its place is kept. */
  readonly src: string | null;
  readonly alt: string;
  readonly caption: ReactNode;
  /** Drawn over the picture. */
  readonly overlay?: ReactNode;
  /** What its link saves, for those who hear "Save" alone: "seed 100". */
  readonly saves?: string | undefined;
  readonly isWorking?: boolean;
  /** Makes the picture a button: what is shown beside belongs to the one that is picked. */
  readonly pick?: { readonly isPicked: boolean; readonly onPick: () => void };
}

/** A square picture with its caption. */
export function PictureFigure(props: PictureFigureProps) {
  const { src, alt, caption, overlay, saves, isWorking = false, pick } = props;
  const frame = `frame ${src === null ? 'empty' : ''} ${isWorking ? 'working' : ''}`;
  const content = (
    <>
      {src !== null && <img src={src} alt={alt} />}
      {overlay}
    </>
  );
  return (
    <figure>
      {pick ? (
        <button
          type="button"
          className={`${frame} pick`}
          aria-pressed={pick.isPicked}
          onClick={pick.onPick}
        >
          {content}
        </button>
      ) : (
        <div className={frame}>{content}</div>
      )}
      <figcaption>
        <span>{caption}</span>
        {src !== null && saves !== undefined && (
          <a href={`${src}?download`} download aria-label={`Save ${saves}`}>
            Save
          </a>
        )}
      </figcaption>
    </figure>
  );
}
