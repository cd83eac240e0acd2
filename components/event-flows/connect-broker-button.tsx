'use client'

import { useState } from 'react'
import { Button, type ButtonVariants } from '@/components/ui/button'
import type { BrokerFormOptions } from '@/lib/event-flows/form-options'
import { BrokerModal } from './broker-modal'

type ConnectBrokerButtonProps = {
  label: string
  variant: ButtonVariants['variant']
  /** `OWNER/NAME`, filled in. */
  endpoint: string
  options: BrokerFormOptions
}

/** Opens the form that connects a queue. */
export function ConnectBrokerButton({ label, variant, endpoint, options }: ConnectBrokerButtonProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant={variant} onClick={() => setOpen(true)}>
        {label}
      </Button>
      <BrokerModal isOpen={isOpen} onOpenChange={setOpen} endpoint={endpoint} options={options} />
    </>
  )
}
