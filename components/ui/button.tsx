import { cva, type VariantProps } from 'class-variance-authority'
import Link from 'next/link'
import type { ComponentProps } from 'react'
import { cn } from './cn'
import { Spinner } from './spinner'

const button = cva(
  'inline-flex shrink-0 items-center justify-center gap-2 whitespace-nowrap rounded-sm border font-semibold tracking-wide transition-colors disabled:cursor-not-allowed disabled:opacity-60',
  {
    variants: {
      variant: {
        primary:
          'border-primary bg-primary text-on-primary shadow-sm hover:border-primary-strong hover:bg-primary-strong',
        /** Black on white: the plain second choice. */
        outline: 'border-line-strong bg-panel text-ink hover:bg-side',
        /** Outlined in the primary colour: the one thing to do on a quiet page. */
        accent: 'border-primary bg-panel text-link hover:bg-primary-soft',
        danger: 'border-danger bg-panel text-danger hover:bg-danger-soft',
        /** Filled red: inside the dialog that confirms. */
        dangerSolid: 'border-danger bg-danger text-on-danger hover:border-danger-strong hover:bg-danger-strong',
        ghost: 'border-transparent bg-transparent text-ink hover:bg-side-active',
        link: 'h-auto! border-transparent bg-transparent px-0! text-link hover:underline',
      },
      size: {
        sm: 'h-8 px-3 text-[0.8125rem]',
        md: 'h-10 px-4 text-sm',
        lg: 'h-13 w-full px-6 text-base',
        icon: 'size-9',
      },
    },
    defaultVariants: { variant: 'outline', size: 'md' },
  },
)

export type ButtonVariants = VariantProps<typeof button>

type ButtonProps = ComponentProps<'button'> & ButtonVariants & { isPending?: boolean }

/** `type` is `button` unless told: a form names its one submit button. While pending it is disabled and turns. */
export function Button({
  variant,
  size,
  isPending,
  className,
  children,
  type = 'button',
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      disabled={disabled || isPending}
      aria-busy={isPending || undefined}
      className={cn(button({ variant, size }), className)}
      {...rest}
    >
      {isPending && <Spinner />}
      {children}
    </button>
  )
}

/** A link that looks like a button. */
export function LinkButton({ variant, size, className, ...rest }: ComponentProps<typeof Link> & ButtonVariants) {
  return <Link className={cn(button({ variant, size }), className)} {...rest} />
}

/** A button with only an icon; `label` is its name for all who do not see the icon. */
export function IconButton({ label, className, ...rest }: ComponentProps<'button'> & { label: string }) {
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={label}
      title={label}
      className={cn('text-ink-soft', className)}
      {...rest}
    />
  )
}
